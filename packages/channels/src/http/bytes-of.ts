/** A body as its bytes, with the type that says how to read them: a library hands over whatever fetch would take. */
export async function bytesOf(
  body: ConstructorParameters<typeof Response>[0],
): Promise<{ readonly bytes: Uint8Array; readonly contentType: string | undefined }> {
  const response = new Response(body);
  const contentType = response.headers.get("content-type") ?? undefined;
  return { bytes: await response.bytes(), contentType };
}
