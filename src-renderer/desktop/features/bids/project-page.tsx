/** One bid project, in the order of the work: what it is, its documents, signing, who can open, sealing. */
import { EllipsisOutlined } from '@ant-design/icons';
import { Alert, Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'react-router';
import type { BidProject } from '#shared/contract/desktop/bids.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page } from '../../../components/page.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useBidProject } from '../../../lib/bid-queries.ts';
import { ProjectInfo } from './project-info.tsx';
import { ProjectOpeners } from './project-openers.tsx';
import { ProjectParts } from './project-parts.tsx';
import { ProjectSeal } from './project-seal.tsx';
import { ProjectSign } from './project-sign.tsx';
import { UpdateTender } from './update-tender.tsx';
import './bids.css';

const STEPS = ['info', 'parts', 'sign', 'openers', 'seal'] as const;
type Step = (typeof STEPS)[number];
const isStep = (text: string | null): text is Step => (STEPS as readonly (string | null)[]).includes(text);

export function ProjectPage() {
  const { t } = useTranslation();
  const { projectId = '' } = useParams();
  const project = useBidProject(projectId);
  if (project.error) return <Page title={t('bids.title')}><ErrorPanel error={project.error} onRetry={() => void project.refetch()} actions={<Link to="/bids" className="bk-button-link">{t('bids.back')}</Link>} /></Page>;
  if (!project.data) return <Loading />;
  return <ProjectSteps project={project.data} />;
}

function ProjectSteps({ project }: { project: BidProject }) {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const wanted = params.get('step');
  const step = isStep(wanted) ? wanted : 'parts';
  const go = (next: Step) => setParams({ step: next }, { replace: true });
  const unsigned = project.documents.filter((document) => document.signature === null && project.parts.some((part) => part.id === document.partId && part.mustBeSigned)).length;
  const states: Readonly<Record<Step, string>> = {
    info: '', parts: `${project.partsDone}/${project.partsRequired}`, sign: project.documents.length === 0 ? '' : unsigned === 0 ? '✓' : String(unsigned), openers: project.openers.length === 0 ? '!' : String(project.openers.length), seal: project.outputs.length === 0 ? '' : project.sealedForOlderTender ? '!' : '✓',
  };
  // Under another tender package these begin anew: what they show was chosen by the terms of the one before. Forms being typed into are not among them.
  const terms = project.tender?.sealIdHex ?? '';
  const content = { info: <ProjectInfo key={terms} project={project} />, parts: <ProjectParts project={project} />, sign: <ProjectSign key={terms} project={project} />, openers: <ProjectOpeners project={project} />, seal: <ProjectSeal key={terms} project={project} /> };
  return (
    <Page
      title={project.name}
      lead={[project.tenderTitle === project.name ? '' : project.tenderTitle, project.lot, project.opensAtUtc === null ? t('bids.list.noTime') : t('bids.list.opens', { time: beijingTime(project.opensAtUtc) })].filter((text) => text !== '').join(' · ')}
      actions={<>{project.tender && project.state === 'open' ? <UpdateTender project={project} onGo={go} /> : null}<Link to="/bids" className="bk-button-link">{t('bids.back')}</Link></>}
    >
      {project.tender && project.sealedForOlderTender ? <Alert type="warning" showIcon title={t('tenderUpdate.older.title')} description={t('tenderUpdate.older.meaning', { time: beijingTime(project.tender.madeAtUtc) })} /> : null}
      <Tabs activeKey={step} onChange={(key) => (isStep(key) ? go(key) : undefined)} destroyOnHidden more={{ icon: <><EllipsisOutlined aria-hidden="true" /><span className="bk-visually-hidden">{t('bids.list.more')}</span></> }} items={STEPS.map((name, index) => ({ key: name, label: <span>{index + 1}. {t(`bids.steps.${name}`)} {states[name] === '' ? null : <span className="bk-step-state">{states[name]}</span>}</span>, children: content[name] }))} />
    </Page>
  );
}
