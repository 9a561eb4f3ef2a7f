/** Native ES modules in jest: the packages we use (listr2, p-queue) have no CommonJS form. */
const base = {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "es6" } }],
  },
};

export default {
  // Only what hangs runs into it: how long a test takes on a busy machine says nothing.
  testTimeout: 120_000,
  projects: [
    { ...base, displayName: "unit", testMatch: ["<rootDir>/test/**/*.test.ts"], testPathIgnorePatterns: ["/test/lab/", "/test/e2e/"] },
    { ...base, displayName: "lab", testMatch: ["<rootDir>/test/lab/**/*.test.ts", "<rootDir>/test/e2e/**/*.test.ts"] },
  ],
};
