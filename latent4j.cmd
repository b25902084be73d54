@echo off
rem Runs latent4j, and builds it first if it is not built or its sources are newer. Needs a JDK 17 and Maven 3.8, or newer.
setlocal
set "home=%~dp0"
set "jar=%home%cli\target\latent4j.jar"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
set "flavour=cpu"
if "%LATENT4J_CUDA%"=="1" set "flavour=cuda"

if not exist "%jar%" goto build
set "built=cpu"
if exist "%home%cli\target\flavour" set /p built=<"%home%cli\target\flavour"
if not "%built%"=="%flavour%" goto build
rem Exit code 2: something is newer. Any other, that of a missing PowerShell among them: nothing is known to be.
powershell -NoProfile -Command "$built = (Get-Item -LiteralPath $env:jar).LastWriteTimeUtc; $sources = Get-ChildItem -Path ($env:home + 'pom.xml'), ($env:home + '*\pom.xml'), ($env:home + '*\src\main') -Recurse -File; if ($sources | Where-Object { $_.LastWriteTimeUtc -gt $built } | Select-Object -First 1) { exit 2 }" >nul 2>nul
if errorlevel 3 goto run
if errorlevel 2 goto build
goto run

:build
where mvn >nul 2>nul
if errorlevel 1 (
  echo latent4j: there is no mvn; install Maven, version 3.8 or newer 1>&2
  exit /b 1
)
echo Building latent4j (once)... 1>&2
pushd "%home%"
call mvn -B -ntp -q -Dstyle.color=never -P %flavour% -pl cli -am package -Dmaven.test.skip=true 1>&2
if errorlevel 1 (
  popd
  echo latent4j: the build failed; its messages are above 1>&2
  exit /b 1
)
popd
>"%home%cli\target\flavour" echo %flavour%

:run
"%java%" -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 %JAVA_OPTS% -jar "%jar%" %*
exit /b %errorlevel%
