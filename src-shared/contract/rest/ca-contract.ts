/** The CA REST contract: every endpoint by name. Routes (`src-ca`), client (`src-main`) and OpenAPI are made from this one table. */
import { accountEndpoints } from './accounts.ts';
import { orderEndpoints } from './orders.ts';
import { issuanceEndpoints } from './issuances.ts';
import { requestEndpoints } from './requests.ts';
import { certificateEndpoints } from './certificates.ts';
import { bindingEndpoints } from './bindings.ts';
import { keyEndpoints } from './keys.ts';
import { serviceEndpoints } from './service.ts';

export const CA_CONTRACT = { ...accountEndpoints, ...orderEndpoints, ...requestEndpoints, ...issuanceEndpoints, ...certificateEndpoints, ...bindingEndpoints, ...keyEndpoints, ...serviceEndpoints } as const;

export type CaContract = typeof CA_CONTRACT;
export type CaEndpointName = keyof CaContract;
