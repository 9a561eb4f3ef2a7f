import { BowlineError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Task } from "../compile/program.ts";
import type { Context } from "../template/context.ts";
import { render } from "../template/render.ts";
import type { Become, BecomeMethod } from "../transport/transport.ts";
import type { HostState } from "./host.ts";
import type { Engine } from "./ports.ts";

/** The user that a task becomes on a machine, or undefined for the user who logged in. */
export function becomeOf(task: Task, context: Context, { target, host, engine }: { target: HostState; host: HostState; engine: Engine }): Become | undefined {
  const { become, user, method } = task.become;
  const settings = target === host ? context : target.context(undefined, undefined);
  const weakest = engine.options.become ?? {};
  const wanted = become ? render(become, context) : (setting(settings, "ansible_become") ?? weakest.become);
  if (wanted !== true) return undefined;
  const password = engine.options.becomePassword ?? secretVariable(settings, "ansible_become_password") ?? secretVariable(settings, "ansible_become_pass");
  if (password) engine.ports.redactor.add(password);
  const name = user ? render(user, context) : (setting(settings, "ansible_become_user") ?? weakest.user ?? "root");
  const how = method ? render(method, context) : (setting(settings, "ansible_become_method") ?? weakest.method);
  return { user: String(name), method: methodOf(how, task), ...(password ? { password } : {}) };
}

function setting(context: Context, name: string): unknown {
  return context.has(name) ? context.get(name) : undefined;
}

/** Ansible also names them with their collection: `community.general.doas`. */
function methodOf(value: unknown, task: Task): BecomeMethod {
  const name = String(value ?? "sudo").split(".").at(-1);
  const method = becomeMethods.find((each) => each === name);
  if (method) return method;
  throw new BowlineError({ code: "E_ARGS", message: `"become_method" cannot be ${String(value)}`, at: task.become.method?.at ?? task.at, expected: `one of ${becomeMethods.join(", ")}` });
}

const becomeMethods: readonly BecomeMethod[] = ["sudo", "su", "doas"];

function secretVariable(context: Context, name: string): Secret | undefined {
  if (!context.has(name)) return undefined;
  const value = context.get(name);
  return value instanceof Secret ? value : new Secret(String(value));
}
