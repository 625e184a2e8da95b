import java.io.File;
import java.util.Map;
import org.gradle.api.Project;
import org.gradle.testfixtures.ProjectBuilder;

/**
 * Resolves a configuration of a build.gradle with Gradle's own engine, where no distribution of Gradle can be
 * downloaded: java -cp ... Resolve.java PROJECT GRADLE_HOME CONFIGURATION [NAME=VALUE...], with project properties.
 */
public class Resolve {
  public static void main(String[] arguments) {
    Project project =
        ProjectBuilder.builder()
            .withProjectDir(new File(arguments[0]))
            .withGradleUserHomeDir(new File(arguments[1]))
            .build();
    for (int i = 3; i < arguments.length; i++) {
      String[] property = arguments[i].split("=", 2);
      project.getExtensions().getExtraProperties().set(property[0], property[1]);
    }
    project.apply(Map.of("from", "build.gradle"));
    System.err.println("Gradle " + project.getGradle().getGradleVersion());
    System.out.println(project.getConfigurations().getByName(arguments[2]).getAsPath());
    System.exit(0);
  }
}
