/** POST /v1/bindings/challenges */
import { createBindingChallenge } from '../bindings/bind.ts';
import { route } from '../http/route.ts';

export const createBindingChallengeRoute = route('createBindingChallenge', ({ ports, caller, body }) => createBindingChallenge(ports, caller, body));
