"""Run the plugin: `python -m plugins.kubernetes ENGINE_ADDRESS`."""

from plugins.base import serve
from plugins.kubernetes.provider import KubernetesProvider

serve(KubernetesProvider())
