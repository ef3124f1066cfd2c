/**
 * Does works of a list side by side: when one is waited for, the next ones begin too.
 * @param width how many at once
 */
export function ahead<T>(works: readonly (() => Promise<T>)[], width: number): (index: number) => Promise<T> {
  const begun: Promise<T>[] = [];
  return async (index) => {
    for (let at = index; at < Math.min(index + width, works.length); at += 1) {
      const work = works[at];
      if (begun[at] !== undefined || work === undefined) continue;
      begun[at] = work();
      // Told by whoever waits for it.
      begun[at]?.catch(() => {});
    }
    const done = begun[index];
    if (done === undefined) throw new Error("there is no such work");
    return await done;
  };
}
