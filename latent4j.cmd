@echo off
rem Runs latent4j, and builds it first if it is not built. Needs a JDK 17 and Maven 3.8, or newer.
rem After a change of the sources, delete cli\target\latent4j.jar to have it built again.
setlocal
set "home=%~dp0"
set "jar=%home%cli\target\latent4j.jar"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"

if exist "%jar%" goto run
where mvn >nul 2>nul
if errorlevel 1 (
  echo latent4j: there is no mvn; install Maven, version 3.8 or newer 1>&2
  exit /b 1
)
set "profile="
if "%LATENT4J_CUDA%"=="1" set "profile=-P cuda"
echo Building latent4j (once)... 1>&2
pushd "%home%"
call mvn -B -ntp -q -Dstyle.color=never -pl cli -am package -Dmaven.test.skip=true %profile% 1>&2
popd
if not exist "%jar%" (
  echo latent4j: the build failed; its messages are above 1>&2
  exit /b 1
)

:run
"%java%" -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 %JAVA_OPTS% -jar "%jar%" %*
exit /b %errorlevel%
