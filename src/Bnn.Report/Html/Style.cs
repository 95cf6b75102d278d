namespace Bnn.Report;

/// <summary>
/// The page's look, in light and dark. Charts are drawn for a white card; in the dark their lightness is turned round, and hues stay.
/// </summary>
internal static class Style
{
    public const string Css = """
        :root {
          color-scheme: light dark;
          --page: #fcfcfa; --ink: #1a1a1a; --soft: #595959; --rule: #d6d6d0; --stripe: #f3f3ee; --code: #f0f0ea;
        }
        @media screen and (prefers-color-scheme: dark) {
          div.plot, .legend { filter: invert(.9) hue-rotate(180deg); }
          :root { --page: #17181a; --ink: #e8e8e4; --soft: #a8a8a2; --rule: #3d3f42; --stripe: #1f2124; --code: #222428; }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 80rem; background: var(--page); color: var(--ink);
          font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", sans-serif;
        }
        h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.3rem; margin: 2.5rem 0 .75rem; line-height: 1.3; }
        h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
        header p, figcaption, caption, .note { color: var(--soft); }
        #findings li { margin: .4rem 0; max-width: 52rem; }
        #findings li:first-child { font-weight: 600; }
        figure { margin: 0; }
        figcaption { margin: .5rem 0; max-width: 52rem; font-size: .95rem; }
        div.plot { background: #fff; border: 1px solid var(--rule); border-radius: 6px; width: 100%; overflow: hidden; }
        div.plot .legendtoggle { pointer-events: none !important; }
        .save { margin: .15rem 0 0; text-align: right; }
        .save button {
          font: inherit; font-size: .8rem; color: var(--soft); background: none; border: 0; padding: .1rem .25rem;
          text-decoration: underline; text-underline-offset: .2em; cursor: pointer;
        }
        .save button:hover { color: var(--ink); }
        .panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 1rem; }
        .panel { min-width: 0; }
        .panel h3 { margin: .25rem 0 .4rem; }
        .legend {
          display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .25rem 0 .75rem; padding: .5rem .75rem;
          background: #fff; color: #1a1a1a; border: 1px solid var(--rule); border-radius: 6px;
        }
        .legend svg { vertical-align: middle; }
        .families { gap: .5rem 1.5rem; }
        .families p { flex-basis: 100%; margin: 0; display: flex; gap: .75rem; align-items: center; }
        .families fieldset {
          border: 0; margin: 0; padding: 0; min-width: 0;
          display: grid; grid-template-rows: repeat(6, auto); grid-auto-flow: column; column-gap: .75rem;
          justify-content: start; align-content: start;
        }
        .families fieldset legend { font-size: .85rem; font-weight: 600; color: #595959; padding: 0; }
        .families button {
          font: inherit; font-size: .85rem; line-height: 1.5; color: inherit; background: none; border: 1px solid transparent;
          border-radius: 4px; padding: 0 .25rem; text-align: left; cursor: pointer; overflow-wrap: anywhere;
        }
        .families button[aria-pressed=false] { color: #6b6b6b; }
        .families button[aria-pressed=false] svg { opacity: .3; }
        .families button[data-show] { border-color: #8a8a8a; padding: 0 .6rem; }
        .families button:hover { background: #eee; }
        .families button:focus-visible { outline: 2px solid #0072B2; }
        @media (max-width: 60rem) { .families fieldset { display: block; } .families button { display: inline-block; } }
        details { margin: .4rem 0; }
        summary { cursor: pointer; color: var(--soft); }
        .scroll { container-type: inline-size; overflow-x: auto; margin: .5rem 0 1rem; }
        details .scroll { overflow: auto; max-height: 40rem; }
        .scroll:has(> .long) { overflow: auto; max-height: 44rem; }
        table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; padding-bottom: .4rem; }
        caption span { display: block; position: sticky; left: 0; width: min(52rem, 100cqw); }
        th, td { padding: .3rem .55rem; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: top; white-space: nowrap; }
        thead th {
          border-bottom: 2px solid var(--ink); vertical-align: bottom; white-space: normal;
          position: sticky; top: 0; background: var(--page);
        }
        th:first-child { text-align: left; }
        tbody th { font-weight: 600; }
        tbody tr:nth-child(even) { background: var(--stripe); }
        .texts td, .texts th { text-align: left; }
        .hashes td:last-child {
          font-family: ui-monospace, monospace; font-size: .8rem; white-space: normal; overflow-wrap: anywhere; min-width: 16rem;
        }
        .strategies td:nth-child(2), .strategies td:nth-child(3), .strategies td:nth-child(4) { white-space: normal; min-width: 15rem; }
        .overlap td:nth-child(2), .overlap th:nth-child(2) { text-align: left; }
        .settings td { white-space: normal; overflow-wrap: anywhere; max-width: 52rem; }
        .claims tbody th, .claims td { white-space: normal; overflow-wrap: anywhere; min-width: 5.5rem; }
        .claims tbody th, .claims td:nth-child(2) { min-width: 12rem; }
        .ranking th, .ranking td { padding: .12rem .7rem; }
        .ranking .family { text-align: left; color: var(--soft); }
        .ranking th:nth-child(2) { text-align: left; }
        .ranking .none { color: var(--soft); }
        .ranking td:nth-child(n+4), .ranking th:nth-child(n+4) { text-align: left; }
        .ranking b { display: inline-block; min-width: 1.9rem; text-align: right; margin-right: .3rem; }
        .ranking td span { display: inline-block; }
        .heat-4 { background: color-mix(in srgb, #3b8bd0 55%, var(--page)); }
        .heat-3 { background: color-mix(in srgb, #3b8bd0 40%, var(--page)); }
        .heat-2 { background: color-mix(in srgb, #3b8bd0 26%, var(--page)); }
        .heat-1 { background: color-mix(in srgb, #3b8bd0 13%, var(--page)); }
        .heat-0 { background: var(--page); }
        pre { background: var(--code); padding: .75rem 1rem; border-radius: 6px; }
        code { font-family: ui-monospace, monospace; font-size: .92em; white-space: nowrap; }
        pre code { white-space: pre-wrap; overflow-wrap: anywhere; }
        dt { font-weight: 600; margin-top: .75rem; }
        dd { margin: .15rem 0 0; max-width: 52rem; }
        nav { position: sticky; top: 0; z-index: 2; background: var(--page); border-bottom: 1px solid var(--rule); }
        nav ul { display: flex; gap: 1.1rem; overflow-x: auto; list-style: none; margin: 0; padding: .5rem 0; font-size: .9rem; }
        nav a { color: var(--soft); white-space: nowrap; text-underline-offset: .2em; }
        nav a:hover, nav a:focus-visible { color: var(--ink); }
        section, figure { scroll-margin-top: 3rem; }
        thead th { z-index: 1; }
        @media (min-width: 72rem) {
          body { display: grid; grid-template-columns: 11rem minmax(0, 1fr); column-gap: 2rem; max-width: 94rem; }
          header { grid-column: 2; }
          nav { grid-column: 1; align-self: start; border: 0; max-height: 100vh; overflow-y: auto; }
          nav ul { flex-direction: column; gap: .45rem; padding: 1.2rem 0; }
          nav a { white-space: normal; }
          section, figure { scroll-margin-top: 1rem; }
        }
        @media print {
          nav, .save, .families button[data-show] { display: none; }
          :root { font-size: 10pt; }
          body { display: block; max-width: none; padding: 0; }
          div.plot[style*="--shape"] { height: auto !important; aspect-ratio: var(--shape); }
          div.plot[style*="--shape"] .main-svg { width: 100%; height: auto; }
          table { font-size: 6.5pt; width: 100%; }
          th, td { white-space: normal; overflow-wrap: break-word; min-width: 0 !important; padding: .15em .3em; }
          .curves th, .curves td { overflow-wrap: anywhere; }
          caption span { width: auto; }
          thead th { position: static; }
          details, .scroll, details .scroll, .scroll:has(> .long) { max-height: none; overflow: visible; container-type: normal; }
          details::details-content { content-visibility: visible; height: auto; }
          div.plot, tr, .legend { break-inside: avoid; }
          h2, h3, summary { break-after: avoid; }
          .families button { background: none; }
        }

        """;
}
