package io.latent4j.service.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;

/** Any text as a job: one that is read has a JSON form that is the same job. */
class JobSpecFuzzTest {

    @FuzzTest
    void anyTextIsReadOrRefused(byte[] bytes) {
        JobSpec job;
        try {
            job = JobSpec.fromJson(Untrusted.text(bytes));
        } catch (InvalidJobException e) {
            Untrusted.checkRefusal(e, "the job");
            return;
        }
        assertThat(JobSpec.fromJson(job.toJson())).isEqualTo(job);
    }
}
