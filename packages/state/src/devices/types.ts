export interface PairedDevice {
  readonly deviceId: string;
  readonly publicKey: string;
  readonly displayName?: string;
  readonly platform?: string;
  readonly clientId?: string;
  readonly clientMode?: string;
  readonly remoteIp?: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly createdAtMs: number;
  readonly approvedAtMs: number;
  readonly lastSeenAtMs?: number;
}

export interface PairingRequest {
  readonly requestId: string;
  readonly deviceId: string;
  readonly publicKey: string;
  readonly state: "pending" | "approved" | "rejected" | "expired";
  readonly role: string;
  readonly scopes: readonly string[];
  readonly displayName?: string;
  readonly platform?: string;
  readonly clientId?: string;
  readonly clientMode?: string;
  readonly remoteIp?: string;
  readonly silent: boolean;
  readonly isRepair: boolean;
  readonly createdAtMs: number;
  readonly resolvedAtMs?: number;
}

export interface DeviceToken {
  /** Lower-case hex SHA-256 of the token; the token itself is never stored (websocket.md §13). */
  readonly tokenHash: string;
  readonly deviceId: string;
  readonly role: string;
  readonly scopes: readonly string[];
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly revoked: boolean;
}

/** Paired devices, their pending requests and tokens (websocket.md §13). The rules live in the gateway. */
export interface DeviceRepository {
  find(deviceId: string): Promise<PairedDevice | undefined>;
  list(): Promise<PairedDevice[]>;
  save(device: PairedDevice): Promise<void>;
  remove(deviceId: string): Promise<boolean>;
  requests(): Promise<PairingRequest[]>;
  saveRequest(request: PairingRequest): Promise<void>;
  removeRequest(requestId: string): Promise<void>;
  findToken(tokenHash: string): Promise<DeviceToken | undefined>;
  /** All tokens there are, dead ones too. */
  tokens(): Promise<DeviceToken[]>;
  /**
   * Revokes the earlier tokens of this device and role, stores the new one, and forgets those of `dropHashes`, in one
   * transaction.
   */
  rotateToken(token: DeviceToken, dropHashes?: readonly string[]): Promise<void>;
  revokeTokens(deviceId: string, role: string): Promise<number>;
}
