/** Addresses in certificates: plain http (a list fetched over https could need itself, RFC 5280 §8) or https, a host, no user data. */
export function isFetchable(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '' && url.username === '' && url.password === '';
}
