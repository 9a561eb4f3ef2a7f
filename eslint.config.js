import tseslint from "typescript-eslint";

const budget = (max) => ["error", { max, skipBlankLines: true, skipComments: true }];

/** The budgets of the house (docs/architecture.md): file 300 lines, module file 200, function 50. */
export default tseslint.config(
  { ignores: ["dist", "node_modules", "coverage", "**/*.js", "**/*.mjs"] },
  ...tseslint.configs.recommended,
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  { files: ["src/**/*.ts"], rules: { "max-lines": budget(300), "max-lines-per-function": budget(50), "max-params": ["error", 4] } },
  { files: ["src/modules/**/*.ts"], rules: { "max-lines": budget(200) } },
);
