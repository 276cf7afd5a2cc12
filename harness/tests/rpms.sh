# Packages as SUSE builds them, of files made before. Sourced behind lib.sh.

# NAME VERSION RELEASE ARCH FOLDER [PAYLOAD [SOURCE]]: an rpm in $T/rpms of what is in the folder, as it stands there.
# PAYLOAD as rpm's _binary_payload; SOURCE is the name of the source package.
rpm_of() {
	local name=$1 version=$2 release=$3 arch=$4 folder=$5 payload=${6:-w3.zstdio} source=${7:-$1} part=
	local work=$T/rpmbuild
	mkdir -p "$work"
	[ "$source" = "$name" ] || part="-n $name"
	(cd "$folder" && find . -mindepth 1 \( -type d -printf '%%dir "/%P"\n' -o -printf '"/%P"\n' \)) >"$work/files"
	{
		printf 'Name: %s\nVersion: %s\nRelease: %s\n' "$source" "$version" "$release"
		printf 'Summary: A kernel\nLicense: GPL-2.0-only\nAutoReqProv: no\n%%description\nA kernel.\n'
		[ -z "$part" ] || printf '%%package %s\nSummary: A part\n%%description %s\nA part.\n' "$part" "$part"
		printf '%%install\nrm -rf %%{buildroot}\ncp -a "%s" %%{buildroot}\n' "$folder"
		printf '%%files %s %s\n%%defattr(-, root, root)\n' "$part" "$([ ! -s "$work/files" ] || echo "-f $work/files")"
	} >"$work/spec"
	rpmbuild -bb --quiet --nodeps --target "$arch" --define "_topdir $work" --define "_rpmdir $T/rpms" \
		--define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' --define "_binary_payload $payload" \
		--define '__os_install_post %nil' --define '_build_id_links none' --define 'debug_package %nil' \
		"$work/spec" >"$work/log" 2>&1 || sed 's/^/#   /' "$work/log"
}
