import { resolve } from "node:path";

/** Directories with roles that a person keeps for several projects: BOWLINE_ROLES_PATH, with a colon between them. */
export function rolesPath(): string[] {
  return (process.env["BOWLINE_ROLES_PATH"] ?? "").split(":").filter(Boolean).map((dir) => resolve(dir));
}
