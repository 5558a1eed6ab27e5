//! Which commit each action is used at.
//!
//! A tag can be moved by whoever gets into an action's repository, a commit cannot.
//! Each commit here is the one its tag had in the action's own repository; all of them
//! run on Node 24.

/// An action at a commit.
#[derive(Debug)]
pub(super) struct Pin {
    /// `owner/name@commit`.
    pub(super) uses: &'static str,
    /// The version that commit was tagged with.
    pub(super) version: &'static str,
}

pub(super) const CHECKOUT: Pin = Pin {
    uses: "actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8",
    version: "v6.0.1",
};
pub(super) const CACHE: Pin = Pin {
    uses: "actions/cache@27d5ce7f107fe9357f9df03efb73ab90386fccae",
    version: "v5.0.5",
};
pub(super) const SETUP_PYTHON: Pin = Pin {
    uses: "actions/setup-python@83679a892e2d95755f2dac6acb0bfd1e9ac5d548",
    version: "v6.1.0",
};
pub(super) const SETUP_NODE: Pin = Pin {
    uses: "actions/setup-node@48b55a011bda9f5d6aeb4c2d9c7362e8dae4041e",
    version: "v6.4.0",
};
pub(super) const SETUP_GO: Pin = Pin {
    uses: "actions/setup-go@4a3601121dd01d1626a1e23e37211e3254c1c06c",
    version: "v6.4.0",
};
pub(super) const SETUP_JAVA: Pin = Pin {
    uses: "actions/setup-java@be666c2fcd27ec809703dec50e508c2fdc7f6654",
    version: "v5.2.0",
};
pub(super) const SETUP_DOTNET: Pin = Pin {
    uses: "actions/setup-dotnet@c2fa09f4bde5ebb9d1777cf28262a3eb3db3ced7",
    version: "v5.2.0",
};
pub(super) const SETUP_BUILDX: Pin = Pin {
    uses: "docker/setup-buildx-action@4d04d5d9486b7bd6fa91e7baf45bbb4f8b9deedd",
    version: "v4.0.0",
};
pub(super) const LOGIN: Pin = Pin {
    uses: "docker/login-action@b45d80f862d83dbcd57f89517bcf500b2ab88fb2",
    version: "v4.0.0",
};
pub(super) const METADATA: Pin = Pin {
    uses: "docker/metadata-action@030e881283bb7a6894de51c315a6bfe6a94e05cf",
    version: "v6.0.0",
};
pub(super) const BUILD_PUSH: Pin = Pin {
    uses: "docker/build-push-action@d08e5c354a6adb9ed34480a06d141179aa583294",
    version: "v7.0.0",
};
