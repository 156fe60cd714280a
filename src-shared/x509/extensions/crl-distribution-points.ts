/**
 * CRL distribution points, RFC 5280 §4.2.1.13, as addresses. Points limited to some reasons or with another issuer are refused: we could not honour them.
 * `SEQUENCE OF DistributionPoint; DistributionPoint ::= SEQUENCE { distributionPoint [0] { fullName [0] GeneralNames } OPTIONAL, reasons [1] OPTIONAL, cRLIssuer [2] OPTIONAL }`
 */
import { DerReader } from '../../asn1/der-reader.ts';
import { derContext, derSequence } from '../../asn1/der-writer.ts';
import { OIDS } from '../../asn1/oids.ts';
import { AppError } from '../../errors/app-error.ts';
import type { ExtensionCodec } from '../extension.ts';
import { readUri, writeUri } from './general-name.ts';

export const CRL_DISTRIBUTION_POINTS: ExtensionCodec<readonly string[]> = {
  oid: OIDS.crlDistributionPoints,
  name: 'cRLDistributionPoints',
  read(valueDer) {
    const points = DerReader.open(valueDer).readSequence('cRLDistributionPoints');
    const addresses: string[] = [];
    do {
      const point = points.readSequence('distribution point');
      const fullName = point.readOptionalContext(0, 'distribution point name')?.readOptionalContext(0, 'full name');
      if (!fullName || !point.atEnd) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'form of distribution point is not supported', extension: 'cRLDistributionPoints' });
      while (!fullName.atEnd) {
        const uri = readUri(fullName, 'distribution point');
        if (uri !== null) addresses.push(uri);
      }
    } while (!points.atEnd);
    return addresses;
  },
  write: (addresses) => derSequence(derSequence(derContext(0, derContext(0, ...addresses.map(writeUri))))),
};
