/** Binding (绑定) of the signed-in account to certificates, proven by a signature of the key. */
import { Hex, Id, Secret, Type, strictObject } from '../schema.ts';
import { Binding } from '../rest/bindings.ts';
import { call } from './call.ts';
import { TokenRef } from './tokens.ts';

export const bindingCalls = {
  'bindings.list': call({ summary: 'Certificates bound to my account', input: null, output: strictObject({ items: Type.Array(Binding) }) }),
  'bindings.bind': call({
    summary: 'Bind the signing certificate of a key to my account',
    input: strictObject({
      token: TokenRef, pin: Secret(64, 'user PIN'), confirmedFewTries: Type.Optional(Type.Boolean()),
      certificateSha256Hex: Type.Optional(Hex(64, 'signing certificate; absent: the one that is valid longest')),
      projectId: Type.Optional(Id('project; needed for the certificate of another CA')),
    }),
    output: Binding,
  }),
  'bindings.unbind': call({ summary: 'Take a binding away', input: strictObject({ bindingId: Id('binding') }), output: Type.Null() }),
} as const;
