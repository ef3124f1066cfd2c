/** The three things a store does, without the checks every store needs. */
export interface StoreCalls {
  get(account: string): Promise<string | undefined>;
  set(account: string, value: string): Promise<void>;
  delete(account: string): Promise<boolean>;
}
