/** RFC 9457 problem document with our own members: what every refusal of the CA REST service looks like. */
import { Type, strictObject, type Static } from '../schema.ts';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export const Problem = strictObject(
  {
    type: Type.String({ description: 'URI of the page that explains the code' }),
    title: Type.String({ description: 'safe English message of the error table' }),
    status: Type.Integer(),
    code: Type.String({ description: 'code of the error table' }),
    instance: Type.String({ description: 'path that was called' }),
    traceId: Type.String(),
    details: Type.Record(Type.String(), Type.Unknown(), { description: 'facts about this refusal; never secrets' }),
    errors: Type.Optional(Type.Array(strictObject({ pointer: Type.String({ description: 'JSON pointer to the field' }), message: Type.String() }))),
  },
  { $id: 'Problem', description: 'RFC 9457 problem document' },
);
export type Problem = Static<typeof Problem>;
