package io.latent4j.core.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RecordingTest {

    @Test
    void isOffOnAThreadThatBeganWithItOn() throws Exception {
        CompletableFuture<Boolean> on = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            Recording.off();
            on.complete(JniUtils.isGradMode());
        });
        thread.start();
        thread.join();
        assertThat(on.get()).isFalse();
    }
}
