import * as z from "zod";
import { boolean, listOf, oneOf, optional, text, withDefault } from "./args.ts";
import type { Bound } from "./contract.ts";
import { lazily } from "./_lazy.ts";

export const vgArgs = lazily(() => ({
  name: lvmName("The volume group."),
  state: withDefault(oneOf(["active", "inactive"], "Whether this host owns the group and has its volumes active."), "active"),
  tag: optional(
    lvmTag("The tag that says which host owns the group. Default: the host's own name as `uname -n` gives it there, in lower case."),
  ),
  takeover: withDefault(boolean("Take the group although it is tagged by another host."), false),
  other_tags: withDefault(listOf(lvmTag("A tag."), "Tags that name no host: they are left alone."), []),
}));

export type VgArgs = Bound<typeof vgArgs>;

/** lvm(8), VALID NAMES. */
function lvmName(words: string) {
  return text(words).regex(/^[A-Za-z0-9_.+][A-Za-z0-9_.+-]*$/, "must be the name of a volume group, without a path");
}

/** lvm(8), TAGS: stored without the @ that the command line may have. */
function lvmTag(words: string) {
  return z
    .preprocess(
      (value) => (typeof value === "string" ? value.replace(/^@/, "") : value),
      z.string("must be text").regex(/^[A-Za-z0-9_+.\-/=!:#&]+$/, "must be a tag as LVM takes it"),
    )
    .describe(words);
}
