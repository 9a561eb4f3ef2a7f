/**
 * Why a limit is not met, for the page, in whole sentences: by section and by what stands beside, or else by the row's name. Shown only
 * while the limit is not met.
 */
export const reasons: Readonly<Record<string, Readonly<Record<string, string>>>> = {};
