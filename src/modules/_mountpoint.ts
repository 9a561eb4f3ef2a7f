/**
 * The mountpoints of /proc/PID/mountinfo in the order of mounting; a later one hides an earlier one of the same path.
 * Format: proc(5), field 5, in which blanks, newlines and backslashes are written as three octal digits.
 */
export function mountpointsOf(mountinfo: string): string[] {
  return mountinfo.split("\n").flatMap((line) => {
    const path = line.split(" ")[4];
    return path === undefined ? [] : [path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)))];
  });
}

/** Whether a path is a directory or lies below it; compared by whole components, so that /data2 is not within /data. */
export function isWithin(path: string, directory: string): boolean {
  return directory === "/" || path === directory || path.startsWith(`${directory}/`);
}

/** The mountpoint that carries a path: the longest one on the way to it. */
export function carrierOf(path: string, mountpoints: readonly string[]): string {
  return mountpoints.filter((mountpoint) => isWithin(path, mountpoint)).reduce((longest, mountpoint) => (mountpoint.length > longest.length ? mountpoint : longest), "/");
}
