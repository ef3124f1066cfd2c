import type { BotSettings } from "./bot-settings.ts";
import type { BotVendor } from "./bot-vendor.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { VendorFault } from "./vendor-fault.ts";
import { type VendorRequest, vendorRequest } from "./vendor-request.ts";

/** Makes a request of a vendor's library. @throws {VendorFault} for all that is no success */
export async function askVendor(
  vendor: BotVendor,
  { botToken: token, nowMs = Date.now }: BotSettings,
  request: VendorRequest,
): Promise<{ readonly result: unknown; readonly headers: Headers }> {
  const answer = await vendorRequest(request);
  const said = vendor.read(answer);
  const failure = judgeAnswer(answer, said, { label: vendor.label, token, nowMs: nowMs() });
  if (failure !== undefined) throw new VendorFault(failure);
  return { result: said.result, headers: answer.kind === "answer" ? answer.headers : new Headers() };
}
