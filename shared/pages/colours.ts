/**
 * The colours of every page, light and dark as the reader's device asks for. Text on each ground it stands on has a
 * contrast of 4.5 or more, and a field's edge 3 (WCAG 2 AA).
 */
export const colours = `
:root{color-scheme:light dark;--ink:#1b2733;--soft:#4a5a6a;--line:#cfd8e0;--ground:#f3f5f7;--paper:#fff;--moved:#eef5fc;--edge:#6b7b8b;--focus:#1d6fd6;--act:#0b5cab;--deep:#084681;--on-act:#fff;--warn:#7a2e00;--pale:#fff6ec}
@media (prefers-color-scheme:dark){:root{--ink:#e6ebf0;--soft:#a9b6c3;--line:#3a4754;--ground:#12181e;--paper:#1b232b;--moved:#1d2f40;--edge:#8595a5;--focus:#8cc4ff;--act:#7db8f5;--deep:#a5cffa;--on-act:#08192b;--warn:#ffb37a;--pale:#33261a}}`
