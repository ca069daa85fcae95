"""Quick figures of one kernel: python3 quick.py KERNEL."""
import sys, time, psutil, statistics as st
from jupyter_client.manager import KernelManager
name=sys.argv[1]
from jupyter_client import BlockingKernelClient
def first():
    km=KernelManager(kernel_name=name); t=time.perf_counter(); km.start_kernel(); kc=km.client(); kc.start_channels()
    kc.execute("SELECT 1"); 
    r=kc.get_shell_msg(timeout=20); dt=time.perf_counter()-t
    return km,kc,dt
l=[]
for _ in range(7):
    km,kc,dt=first(); l.append(dt*1000)
    kc.stop_channels(); km.shutdown_kernel(now=True)
print('start->first reply ms', [round(x) for x in l])
km,kc,_=first(); kc.wait_for_ready()
ts=[]
for i in range(1000):
    t=time.perf_counter(); kc.execute_interactive('SELECT 1',output_hook=lambda m:None); ts.append((time.perf_counter()-t)*1000)
ts.sort(); print('warm p50 %.2f p99 %.2f'%(ts[500],ts[990]))
n=[0]
t=time.perf_counter(); kc.execute_interactive('SELECT 1;'*1000,output_hook=lambda m:n.__setitem__(0,n[0]+(m['msg_type'] in('display_data','execute_result')))); dt=time.perf_counter()-t
print('1000 results',n[0],round(1000/dt),'/s')
kc.execute_interactive("CREATE OR REPLACE TABLE big AS SELECT repeat('x',10000000) v",output_hook=lambda m:None)
for _ in range(5):
    sz=[0]
    t=time.perf_counter(); kc.execute_interactive('SELECT * FROM big',output_hook=lambda m:None); print('10MB ms',round((time.perf_counter()-t)*1000), sz[0])
p=psutil.Process(km.provisioner.pid); print(p.memory_full_info())
kc.stop_channels(); km.shutdown_kernel(now=True)
