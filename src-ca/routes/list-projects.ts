/** GET /v1/projects */
import { route } from '../edge/route.ts';
import { listProjects } from '../orders/list-projects.ts';

export const listProjectsRoute = route('listProjects', ({ ports }) => listProjects(ports));
