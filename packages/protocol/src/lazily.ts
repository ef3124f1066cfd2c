/** A copy of an object with further properties, each made when it is first read. */
export function lazily(base: object, makers: Readonly<Record<string, () => unknown>>): object {
  const made = new Map<string, unknown>();
  const read = (name: string, make: () => unknown) => {
    if (!made.has(name)) made.set(name, make());
    return made.get(name);
  };
  const properties = Object.entries(makers).map(([name, make]) => [
    name,
    { enumerable: true, get: () => read(name, make) },
  ]);
  return Object.defineProperties({ ...base }, Object.fromEntries(properties));
}
