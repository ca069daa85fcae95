package sqltext
import ("testing";"time";"strings";"context")
func TestBig(t *testing.T){
 for _,u:=range []string{"select 1, 'abc' from t where x = 1;\n","insert into t values (1,'a');","(","%a x\n","select /* x */ \"a\" -- c\n, "}{
  c:=strings.Repeat(u,10_000_000/len(u))
  s:=time.Now(); n:=len(Split(c)); d:=time.Since(s)
  s=time.Now(); Complete(c,nil); d2:=time.Since(s)
  s=time.Now(); newCompleter(shop()).Complete(context.Background(),c,len(c)/2); d3:=time.Since(s)
  s=time.Now(); newCompleter(shop()).Target(context.Background(),c,len(c)/2); d4:=time.Since(s)
  t.Log(u[:1],n,d,d2,d3,d4)
 }
 for _,u:=range []string{"(select * from ","select * from (","with a as (","((","a,","select a.b, ","from t,", "x join y on ","case when ","[","a.","(select 1) union ", "with a as (select 1), "}{
  c:=strings.Repeat(u,200_000/len(u))
  s:=time.Now(); newCompleter(shop()).Complete(context.Background(),c,len(c)); d3:=time.Since(s)
  s=time.Now(); newCompleter(shop()).Target(context.Background(),c,len(c)-2); d4:=time.Since(s)
  t.Log(u,d3,d4)
 }
}
