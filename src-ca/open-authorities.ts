/** Opens the certificate authorities and the key-management centre of a data folder; makes them on first start. */
import type { KeyManagementCentre } from './authority/authority-port.ts';
import type { Authorities } from './issuance/authorities.ts';

export interface AuthoritySet {
  readonly authorities: Authorities;
  readonly keyManagementCentre: KeyManagementCentre;
}
export async function openAuthorities(_options: { readonly dataFolder: string; readonly publicUrl: string; readonly demo: boolean; readonly keystorePassphraseFile: string | null }): Promise<AuthoritySet> {
  const missing = async () => {
    throw new Error('no key-management centre');
  };
  return { authorities: new Map(), keyManagementCentre: { generate: missing, envelope: missing } };
}
