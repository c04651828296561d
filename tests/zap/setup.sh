#!/usr/bin/env bash
# Brings ZAP's core and its network add-on from Maven Central into target/zap, by their coordinates.
set -euo pipefail
cd "$(dirname "$0")"
../setup.sh java
target=$PWD/../../target/zap
mkdir -p "$target"
if [[ ! -f $target/lib/ready ]]; then
    # The zap and network jars replace single classes of libraries: they stand first on the class path, by their names.
    cat > "$target/pom.xml" <<'POM'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId>
  <artifactId>test</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.zaproxy</groupId><artifactId>zap</artifactId><version>2.17.0</version></dependency>
    <dependency><groupId>org.zaproxy.addon</groupId><artifactId>network</artifactId><version>0.25.0</version></dependency>
  </dependencies>
</project>
POM
    mvn --batch-mode --quiet --file "$target/pom.xml" dependency:copy-dependencies -DoutputDirectory="$target/lib"
    touch "$target/lib/ready"
fi
mkdir -p "$target/classes" "$target/install"
javac -cp "$target/lib/*" -d "$target/classes" Start.java
