import type { Rule } from "./rule.ts";
import { commandRules } from "./rules/commands.ts";
import { conditionRules } from "./rules/conditions.ts";
import { deprecatedRules } from "./rules/deprecated.ts";
import { handlerRules } from "./rules/handlers.ts";
import { languageRules } from "./rules/language.ts";
import { layoutRules } from "./rules/layout.ts";
import { nameRules } from "./rules/names.ts";
import { riskRules } from "./rules/risks.ts";
import { secretRules } from "./rules/secrets.ts";

/** Every rule; the general ones first, the more special of two after the other. */
export const rules: readonly Rule[] = [
  ...languageRules,
  ...deprecatedRules,
  ...nameRules,
  ...commandRules,
  ...riskRules,
  ...secretRules,
  ...conditionRules,
  ...handlerRules,
  ...layoutRules,
];
