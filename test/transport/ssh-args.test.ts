import { BowlineError } from "../../src/core/errors.ts";
import { sshArguments } from "../../src/transport/ssh-args.ts";

const place = { what: "--ssh-common-args", code: "E_OPTIONS" } as const;

describe("arguments for ssh that Bowline understands", () => {
  test.each<[string, object]>([
    ["", {}],
    ["-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null", { stricthostkeychecking: ["no"], userknownhostsfile: ["/dev/null"] }],
    ["-oPort=22 -p 2200", { port: ["22", "2200"] }],
    ["-o 'ConnectTimeout 5'", { connecttimeout: ["5"] }],
    ["-J me@gate:2200,inner", { proxyjump: ["me@gate:2200,inner"] }],
    ["-Jgate -i ~/.ssh/a -i b -l ops -qCT", { proxyjump: ["gate"], identityfile: ["~/.ssh/a", "b"], user: ["ops"] }],
    [`-o "UserKnownHostsFile=/a '/b c'"`, { userknownhostsfile: ["/a", "/b c"] }],
    ["-o ControlMaster=auto -o ControlPersist=60s", { controlmaster: ["auto"], controlpersist: ["60s"] }],
    [`-o ProxyCommand="ssh -W %h:%p -q -p 2200 ops@gate"`, { proxyjump: ["ops@gate:2200"] }],
    [`-o ProxyCommand="ssh -q -l ops gate -W %h:%p"`, { proxyjump: ["ops@gate"] }],
  ])("%s", (text, config) => {
    expect(sshArguments(text, place)).toEqual(config);
  });
});

describe("arguments that would count for nothing are refused:", () => {
  test.each<[string, string, string | undefined]>([
    ["-o ProxyCommand='nc -x proxy %h %p'", "-o ProxyCommand is not understood: Bowline speaks SSH itself and runs no ssh", "did you mean -o ProxyJump=…?"],
    ["-o ProxyCommand='ssh -W %h:%p -F other gate'", "-o ProxyCommand is not understood: Bowline speaks SSH itself and runs no ssh", "did you mean -o ProxyJump=…?"],
    ["-o Ciphers=aes128-ctr", "-o Ciphers is not understood: Bowline speaks SSH itself and runs no ssh", undefined],
    ["-o ProxyJmp=gate", "-o ProxyJmp is not understood: Bowline speaks SSH itself and runs no ssh", "did you mean -o ProxyJump=…?"],
    ["-L 80:web:80", "-L is not understood: Bowline speaks SSH itself and runs no ssh", undefined],
    ["gate", "gate is not understood: Bowline speaks SSH itself and runs no ssh", undefined],
    ["-o", "-o needs a value", undefined],
    ["-o Port", '-o cannot read "Port"', undefined],
    ["-J 'gate", "a single quote (') has no partner", undefined],
  ])("%s", (text, message, hint) => {
    expect(problemOf(text)).toMatchObject({ code: "E_OPTIONS", message: `--ssh-common-args: ${message}`, ...(hint === undefined ? {} : { hint }) });
  });
});

function problemOf(text: string) {
  try {
    sshArguments(text, place);
  } catch (error) {
    if (error instanceof BowlineError) return error.problems[0];
  }
  return undefined;
}
