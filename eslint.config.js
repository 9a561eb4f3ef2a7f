import tseslint from "typescript-eslint";

const budget = (max) => ["error", { max, skipBlankLines: true, skipComments: true }];

/**
 * The budgets of the house (STYLE.md): a file 300 lines, a module's file 200, a function 50, four parameters. What
 * layers and packages may meet is in test/layers.test.ts, which sees the whole graph; a lint rule sees one file.
 */
export default tseslint.config(
  { ignores: ["dist", "node_modules", "coverage"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  ...tseslint.configs.recommended,
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/prefer-promise-reject-errors": "error",
      "@typescript-eslint/require-await": "error",
      "@typescript-eslint/return-await": "error",
      "@typescript-eslint/prefer-readonly": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    files: ["**/*.ts", "**/*.mjs", "**/*.js"],
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      eqeqeq: "error",
      "no-console": "error",
      "no-param-reassign": "error",
      "max-lines": budget(300),
      "max-depth": ["error", 3],
      complexity: ["error", { max: 20, variant: "modified" }],
    },
  },
  {
    files: ["src/**/*.ts"],
    rules: {
      // Its `z` and its default hold all of zod, translations too, so that nothing can be left out of dist/.
      "no-restricted-syntax": ["error", { selector: 'ImportDeclaration[source.value="zod"] > :not(ImportNamespaceSpecifier, Literal)', message: 'import * as z from "zod" (docs/decisions/one-bundle.md)' }],
    },
  },
  // A test's `describe` is a function, as long as what it describes.
  { files: ["src/**/*.ts"], rules: { "max-lines-per-function": budget(50), "max-params": ["error", 4] } },
  { files: ["src/modules/**/*.ts"], rules: { "max-lines": budget(200) } },
);
