/** Places whose zone is named after another city. */
const elsewhere: Readonly<Record<string, string>> = {
  "san francisco": "America/Los_Angeles",
  "los angeles": "America/Los_Angeles",
  seattle: "America/Los_Angeles",
  california: "America/Los_Angeles",
  "las vegas": "America/Los_Angeles",
  nyc: "America/New_York",
  boston: "America/New_York",
  washington: "America/New_York",
  miami: "America/New_York",
  atlanta: "America/New_York",
  austin: "America/Chicago",
  dallas: "America/Chicago",
  houston: "America/Chicago",
  montreal: "America/Toronto",
  ottawa: "America/Toronto",
  "rio de janeiro": "America/Sao_Paulo",
  brasilia: "America/Sao_Paulo",
  germany: "Europe/Berlin",
  munich: "Europe/Berlin",
  hamburg: "Europe/Berlin",
  frankfurt: "Europe/Berlin",
  cologne: "Europe/Berlin",
  austria: "Europe/Vienna",
  switzerland: "Europe/Zurich",
  geneva: "Europe/Zurich",
  bern: "Europe/Zurich",
  france: "Europe/Paris",
  lyon: "Europe/Paris",
  italy: "Europe/Rome",
  milan: "Europe/Rome",
  spain: "Europe/Madrid",
  barcelona: "Europe/Madrid",
  uk: "Europe/London",
  england: "Europe/London",
  scotland: "Europe/London",
  edinburgh: "Europe/London",
  ireland: "Europe/Dublin",
  netherlands: "Europe/Amsterdam",
  rotterdam: "Europe/Amsterdam",
  poland: "Europe/Warsaw",
  krakow: "Europe/Warsaw",
  kyiv: "Europe/Kiev",
  "saint petersburg": "Europe/Moscow",
  "st petersburg": "Europe/Moscow",
  ankara: "Europe/Istanbul",
  "tel aviv": "Asia/Jerusalem",
  "abu dhabi": "Asia/Dubai",
  india: "Asia/Calcutta",
  delhi: "Asia/Calcutta",
  "new delhi": "Asia/Calcutta",
  mumbai: "Asia/Calcutta",
  bangalore: "Asia/Calcutta",
  kolkata: "Asia/Calcutta",
  chennai: "Asia/Calcutta",
  hanoi: "Asia/Bangkok",
  "ho chi minh city": "Asia/Saigon",
  china: "Asia/Shanghai",
  beijing: "Asia/Shanghai",
  shenzhen: "Asia/Shanghai",
  japan: "Asia/Tokyo",
  osaka: "Asia/Tokyo",
  kyoto: "Asia/Tokyo",
  korea: "Asia/Seoul",
  canberra: "Australia/Sydney",
  "new zealand": "Pacific/Auckland",
  wellington: "Pacific/Auckland",
  "cape town": "Africa/Johannesburg",
  hawaii: "Pacific/Honolulu",
  utc: "UTC",
  gmt: "UTC",
  zulu: "UTC",
};

/** Pure. The IANA zone of a city, a country with one zone, or a zone's own name; undefined if it is not known. */
export function zoneOf(place: string): string | undefined {
  const wanted = fold(place);
  const named = elsewhere[wanted];
  if (named !== undefined) return named;
  const zones = Intl.supportedValuesOf("timeZone");
  return (
    zones.find((zone) => fold(zone) === wanted) ??
    zones.find((zone) => fold(zone.split("/").at(-1) ?? "") === wanted)
  );
}

function fold(place: string): string {
  const bare = place.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return bare.replaceAll("_", " ").replace(/^the /, "").trim();
}
