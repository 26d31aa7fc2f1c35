"""What a bare API server lacks and the layer waits for: a stand-in for CloudNativePG's operator and for controllers.

It gives load balancers the address of the real time-series server, sets that server up as a Cluster and a Database say,
reports what the operator would report, and finishes the deletion of namespaces. It runs no pod, takes no backup and
pools no connection. What it cannot do is in `kept/operator.json` of the rehearsal's folder, as `not_verified`.
"""
