"""Makes the notebooks of this folder by running them with the tools of requirements.txt: python make.py OUTDIR."""
import sys
import nbformat
from nbclient import NotebookClient

NOTEBOOKS = {
    "pandas": ["# Frames", "import pandas as pd, numpy as np\nnp.random.seed(1)\nframe = pd.DataFrame(np.random.randn(4, 3), columns=list('abc'))\nframe",
               "frame.style.background_gradient(cmap='viridis').bar(subset=['c'], color='#d65f5f').set_caption('Styled').format('{:.2f}')",
               "frame.describe().T", "pd.DataFrame({'t': pd.date_range('2026-01-01', periods=3), 's': ['<b>', 'a & b', None]}).set_index('t')",
               "pd.concat({'x': frame, 'y': frame}, axis=1)", "frame['a']"],
    "matplotlib": ["## Figures", "import matplotlib.pyplot as plt\n%config InlineBackend.figure_formats = ['svg']\nplt.rcParams['svg.hashsalt'] = 'x'\nplt.figure(figsize=(3, 2))\nplt.plot([1, 3, 2]);",
                   "%config InlineBackend.figure_formats = ['png']\nplt.figure(figsize=(2, 1), dpi=40)\nplt.bar([1, 2], [3, 4]);"],
    "altair": ["import altair as alt, pandas as pd\nframe = pd.DataFrame({'hour': range(6), 'delay': [4, 3, 5, 6, 8, 9], 'kind': list('ababab')})",
               "alt.Chart(frame, title='Delay').mark_bar().encode(x='hour:O', y='delay', color='kind')",
               "(alt.Chart(frame).mark_line().encode(x='hour', y='mean(delay)') + alt.Chart(frame).mark_point().encode(x='hour', y='delay')).properties(width=300)"],
    "plotly": ["import plotly.io as pio, plotly.graph_objects as go\npio.templates.default = 'none'\nfig = go.Figure(go.Bar(x=['a', 'b'], y=[1, 3]), layout=dict(title='Sales'))",
               "pio.renderers.default = 'plotly_mimetype'\nfig", "pio.renderers.default = 'notebook_connected'\nfig.show()"],
    "bokeh": ["from bokeh.plotting import figure, show\nfrom bokeh.io import output_notebook\noutput_notebook()", "p = figure(width=300, height=200, title='Lines')\np.line([1, 2, 3], [3, 1, 2])\nshow(p)"],
    "widgets": ["import ipywidgets as w\nw.VBox([w.IntSlider(value=7, description='How many'), w.HTML('<b>bold</b><script>alert(1)</script>'), w.Dropdown(options=['a', 'b'], value='b', description='Which'), w.IntProgress(value=3, max=10), w.Checkbox(value=True, description='Yes')])",
                "from tqdm.auto import tqdm\nfor _ in tqdm(range(3), desc='work'): pass", "@w.interact(x=(0, 10))\ndef f(x=3): print('x is', x)"],
    "sympy": ["Solve $x^2 = 2$.", "from sympy import *\nx = symbols('x')\nIntegral(exp(-x**2), (x, -oo, oo))", "Matrix([[1, x], [x**2, sqrt(2)]])", "series(sin(x), x, 0, 6)"],
    "folium": ["import folium\nfolium.Map([48, 11], zoom_start=5)"],
    "terminal": ["from rich import print\nprint('[bold red]alarm[/] [green on black]fine[/] [link=https://example.org]there[/link]')\nprint({'a': [1, 2, None], 'b': 'text'})",
                 "import sys, time\nfor i in range(0, 101, 50): sys.stdout.write(f'\\r{i:3d}% done')\nsys.stderr.write('careful\\n')",
                 "def f(n):\n    return 1 / n\nf(0)", "!printf 'abc\\bd\\n\\033[1;34mblue\\033[0m\\n'", "%%bash\necho hello; ls / | head -1"],
    "ipython": ["from IPython.display import *\ndisplay(Markdown('**bold** $x$'), Latex(r'$$\\frac{1}{2}$$'), JSON({'a': [1]}), HTML('<i>it</i><script>alert(1)</script>'), SVG('<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"><script>alert(1)</script><circle r=\"5\"/></svg>'), Javascript('alert(1)'), GeoJSON({'type': 'Point', 'coordinates': [1, 2]}))",
                "Audio(b'RIFF0000', rate=1)", "IFrame('https://example.org', 100, 100)", "display({'application/x-unknown': 'data'}, raw=True)", "Image(url='https://example.org/a.png')"],
}


def main(out):
    for name, cells in NOTEBOOKS.items():
        nb = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
        for i, text in enumerate(cells):
            code = not (text.startswith("#") or text.startswith("Solve"))
            cell = (nbformat.v4.new_code_cell if code else nbformat.v4.new_markdown_cell)(text)
            cell["id"] = f"{name}-{i}"
            nb.cells.append(cell)
        NotebookClient(nb, timeout=300, allow_errors=True, record_timing=False, store_widget_state=True).execute()
        nbformat.write(nb, f"{out}/{name}.ipynb")


main(sys.argv[1])
