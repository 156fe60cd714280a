/** Catches what a page throws while it renders, and keeps the rest of the window alive. */
import { Component, type ReactNode } from 'react';
import { ErrorPanel } from './error-panel.tsx';

export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error: error ?? new Error('nothing was thrown') };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return <div className="bk-page"><ErrorPanel error={this.state.error} onRetry={() => this.setState({ error: null })} /></div>;
  }
}
