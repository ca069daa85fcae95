// Package jupyter answers Jupyter's clients as Jupyter Server and JupyterLab Server do: the REST API, the page and the
// files of an installed JupyterLab. It only translates: documents and permissions are content.Service's.
//
// The behaviour is that of jupyter_server 2.21 and jupyterlab_server 2.28, as their clients observe it
// (https://jupyter-server.readthedocs.io, https://jupyterlab-server.readthedocs.io).
package jupyter
