/** The domains of AWS's partitions, by the beginning of their regions; the first that fits. */
const domains: readonly (readonly [prefix: string, domain: string])[] = [
  ["cn-", "amazonaws.com.cn"],
  ["eusc-", "amazonaws.eu"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["us-isof-", "csp.hci.ic.gov"],
  ["us-iso-", "c2s.ic.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
  ["", "amazonaws.com"],
];

/** Where a service of Bedrock is in a region: `bedrock-runtime` answers, `bedrock` tells which models there are. */
export function bedrockUrl(service: "bedrock-runtime" | "bedrock", region: string): string {
  const [, domain] = domains.find(([prefix]) => region.startsWith(prefix)) ?? ["", "amazonaws.com"];
  return `https://${service}.${region}.${domain}`;
}
