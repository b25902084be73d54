package io.latent4j.service.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;

/** Any prompt that may name adapters. */
class PromptTagsFuzzTest {

    @FuzzTest
    void anyPromptIsReadOrRefused(byte[] bytes) {
        String prompt = Untrusted.text(bytes);
        try {
            PromptTags read = PromptTags.of(prompt);
            assertThat(read.text().length()).isLessThanOrEqualTo(prompt.length());
            assertThat(read.tags()).allMatch(tag -> !tag.name().isEmpty());
        } catch (IllegalArgumentException e) {
            Untrusted.checkRefusal(e, "the prompt has ");
        }
    }
}
