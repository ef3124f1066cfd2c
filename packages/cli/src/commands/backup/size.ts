const units = [
  { name: "GB", bytes: 1024 ** 3, digits: 2 },
  { name: "MB", bytes: 1024 ** 2, digits: 1 },
  { name: "KB", bytes: 1024, digits: 1 },
] as const;

/** `1.5 MB (1572864 bytes)`, as the reference prints it (cli.md §3.9). */
export function sizeText(bytes: number): string {
  const unit = units.find((one) => bytes >= one.bytes);
  return unit === undefined
    ? `${bytes} B`
    : `${(bytes / unit.bytes).toFixed(unit.digits)} ${unit.name} (${bytes} bytes)`;
}
