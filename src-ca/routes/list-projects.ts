/** GET /v1/projects */
import { route } from '../http/route.ts';
import { listProjects } from '../orders/list-projects.ts';

export const listProjectsRoute = route('listProjects', ({ ports }) => listProjects(ports));
