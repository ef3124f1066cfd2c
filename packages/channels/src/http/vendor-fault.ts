import type { JudgedFailure } from "./judge-answer.ts";

/** Thrown through a vendor's library by the requests that it makes through us. */
export class VendorFault extends Error {
  override readonly name = "VendorFault";
  readonly failure: JudgedFailure;

  constructor(failure: JudgedFailure) {
    super(failure.error);
    this.failure = failure;
  }
}
