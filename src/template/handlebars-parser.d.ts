/** The parser alone, without what renders templates: that is ours. The package has no types for this file of it. */
declare module "handlebars/dist/cjs/handlebars/compiler/base.js" {
  import type {} from "handlebars";

  /** Throws an error with the place of the first mistake. */
  export function parse(text: string): hbs.AST.Program;
}
