package io.latent4j.schedulers;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.stream.Collectors;

@AnalyzeClasses(packages = "io.latent4j.schedulers", importOptions = ImportOption.DoNotIncludeTests.class)
final class PackagesTest {
    private static final int MOST = 40;

    @ArchTest
    @SuppressWarnings("unused") // checked by the test engine
    private static final ArchRule FORM_NO_CYCLES =
            slices().matching("io.latent4j.(schedulers..)").should().beFreeOfCycles();

    @ArchTest
    static void areSmall(JavaClasses classes) {
        Map<String, Long> sizes = classes.stream()
                .filter(JavaClass::isTopLevelClass)
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
        assertThat(sizes)
                .hasSizeGreaterThan(4)
                .allSatisfy((name, size) -> assertThat(size).as(name).isLessThanOrEqualTo(MOST));
    }
}
