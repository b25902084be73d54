package io.latent4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;

class EngineMissingFailureAnalyzerTest {

    @TempDir
    private Path cache;

    /** An application that makes images. */
    static final class Application {
        private Application() {}

        public static void main(String... args) {
            new SpringApplication(Latent4jImageAutoConfiguration.class).run(args);
        }
    }

    @Test
    void anApplicationWithoutTheEngineSaysWhichDependencyItLacks() throws Exception {
        String classPath = Splitter.on(File.pathSeparatorChar)
                .splitToStream(System.getProperty("java.class.path"))
                .filter(entry -> !entry.contains("pytorch-native") && !entry.contains("pytorch-jni"))
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dai.djl.offline=true",
                "-DDJL_CACHE_DIR=" + cache,
                "-cp",
                classPath,
                Application.class.getName());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("PYTORCH_LIBRARY_PATH");
        Process application = builder.start();
        String printed = new String(application.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(application.waitFor()).as(printed).isNotZero();
        assertThat(printed)
                .contains("APPLICATION FAILED TO START")
                .contains("latent4j makes no images here: the engine has no native libraries: libtorch and DJL's JNI"
                        + " library are not on the class path")
                .contains("Add the dependency io.latent4j:latent4j-engine, of type pom and scope runtime, or name");
    }
}
