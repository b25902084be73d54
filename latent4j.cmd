@echo off
rem Runs latent4j, and builds it first if it is not built or its sources are newer. Needs a JDK 17 and Maven 3.8, or newer.
setlocal
set "home=%~dp0"
set "jar=%home%cli\target\latent4j.jar"
set "classes=%home%cli\target\latent4j.jsa"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
set "flavour=cpu"
if "%LATENT4J_CUDA%"=="1" set "flavour=cuda"

rem What the program is built from, and a digest of its names and contents, which a copied checkout has too.
set "sources=$ErrorActionPreference = 'Stop'; $parts = @(Get-ChildItem -LiteralPath $env:home -Directory); $poms = @($env:home) + @($parts | ForEach-Object { $_.FullName }) | ForEach-Object { Join-Path $_ 'pom.xml' } | Where-Object { Test-Path -LiteralPath $_ }; $mains = @($parts | ForEach-Object { Join-Path $_.FullName 'src\main' } | Where-Object { Test-Path -LiteralPath $_ }); $files = @(Get-Item -LiteralPath $poms) + @(Get-ChildItem -LiteralPath $mains -Recurse -File) | Sort-Object -Property FullName; function Get-Digest { $sha = [Security.Cryptography.SHA256]::Create(); $lines = $files | ForEach-Object { $_.FullName.Substring($env:home.Length) + ' ' + [BitConverter]::ToString($sha.ComputeHash([IO.File]::ReadAllBytes($_.FullName))) }; [BitConverter]::ToString($sha.ComputeHash([Text.Encoding]::UTF8.GetBytes($lines -join '|'))) }"

if not exist "%jar%" goto build
set "built=cpu"
if exist "%home%cli\target\flavour" set /p built=<"%home%cli\target\flavour"
if not "%built%"=="%flavour%" goto build
rem Exit code 2: to be built. 3: it would be, but that cannot be written. Any other, that of a missing PowerShell among
rem them: nothing is known to be newer.
powershell -NoProfile -Command "%sources%; $target = Join-Path $env:home 'cli\target'; $jar = Get-Item -LiteralPath $env:jar; if (-not ($files | Where-Object { $_.LastWriteTimeUtc -gt $jar.LastWriteTimeUtc } | Select-Object -First 1)) { exit 0 }; $known = Join-Path $target 'digest.windows'; if ((Test-Path -LiteralPath $known) -and [IO.File]::ReadAllText($known) -eq (Get-Digest)) { try { $jar.LastWriteTimeUtc = [DateTime]::UtcNow } catch { }; exit 0 }; try { $probe = Join-Path $target 'probe'; [IO.File]::Create($probe).Close(); [IO.File]::Delete($probe) } catch { exit 3 }; exit 2" >nul 2>nul
if errorlevel 4 goto run
if errorlevel 3 goto unwritable
if errorlevel 2 goto build
goto run

:unwritable
echo latent4j: sources are newer than the program, and "%home%cli\target" cannot be written; running what is built 1>&2
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
powershell -NoProfile -Command "%sources%; [IO.File]::WriteAllText((Join-Path $env:home 'cli\target\digest.windows'), (Get-Digest))" >nul 2>nul
del /q "%home%cli\target\original-latent4j.jar" >nul 2>nul

rem The program's classes as Java has them once they are loaded, for it to start faster by. It is kept if Java starts by it.
del /q "%classes%" >nul 2>nul
"%java%" -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Xlog:cds*=off -Dai.djl.offline=true -Dlatent4j.columns=0 "-XX:ArchiveClassesAtExit=%classes%.new" -jar "%jar%" generate "a red circle" --seed 1 --steps 2 --output "%classes%.png" >nul 2>nul <nul
if errorlevel 1 goto unarchived
"%java%" -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Xlog:cds*=off "-XX:SharedArchiveFile=%classes%.new" -jar "%jar%" --version >nul 2>nul <nul
if errorlevel 1 goto unarchived
move /y "%classes%.new" "%classes%" >nul 2>nul
:unarchived
del /q "%classes%.new" "%classes%.png" >nul 2>nul

:run
set "archive="
if exist "%classes%" set "archive="-XX:SharedArchiveFile=%classes%" -Xlog:cds*=off"
"%java%" -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto %archive% %JAVA_OPTS% -jar "%jar%" %*
exit /b %errorlevel%
