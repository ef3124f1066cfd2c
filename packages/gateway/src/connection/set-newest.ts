/** Writes an entry as the map's newest and drops its oldest ones above `maxSize`. */
export function setNewest<K, V>(map: Map<K, V>, entry: readonly [K, V], maxSize: number): void {
  map.delete(entry[0]);
  map.set(...entry);
  for (const oldest of map.keys()) {
    if (map.size <= maxSize) return;
    map.delete(oldest);
  }
}
