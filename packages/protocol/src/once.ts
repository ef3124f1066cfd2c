/** Makes something when it is first asked for: schemas cost memory that a gateway which does not use them need not spend. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
