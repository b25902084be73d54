package io.latent4j.service.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;

/** Any text as the parameters of an image: it makes a job, which has a JSON form, and warnings of one line. */
class ParametersFuzzTest {
    private static final int LONGEST_WARNING = 2_000;

    @FuzzTest
    void anyTextMakesAJobOrIsRefused(byte[] bytes) {
        RecreatedJob read;
        try {
            read = JobSpec.of(Untrusted.text(bytes));
        } catch (InvalidJobException e) {
            Untrusted.checkRefusal(e, "parameters");
            return;
        }
        assertThat(JobSpec.fromJson(read.job().toJson())).isEqualTo(read.job());
        assertThat(read.warnings())
                .allMatch(warning -> warning.chars().noneMatch(Character::isISOControl))
                .allMatch(warning -> warning.length() < LONGEST_WARNING);
    }
}
